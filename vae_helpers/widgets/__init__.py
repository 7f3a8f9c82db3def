"""What a hand moves: the floors below, joined to sliders and to the browser."""
