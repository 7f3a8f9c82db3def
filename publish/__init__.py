"""What brings the course to its readers: notebooks as they were committed."""
