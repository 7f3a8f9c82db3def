"""What brings the course to its readers: live slides with notes, and the notebooks as they were committed."""
