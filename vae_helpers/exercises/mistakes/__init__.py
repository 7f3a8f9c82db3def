"""The catalogue of wrong answers: `shared` by several exercises, and those of each page."""
