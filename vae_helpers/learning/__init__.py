"""Machine learning: data sets, models, their training and evaluation, and the weights that come with the course."""
