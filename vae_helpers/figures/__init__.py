"""What is drawn: functions that are given numbers and return a Picture or a Scene. It alone knows matplotlib."""
