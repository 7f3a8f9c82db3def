"""What the course's code costs, measured beside what a reader would use instead: `make bench` writes RESULTS.md."""
