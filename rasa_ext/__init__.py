"""What the assistant adds to Rasa at Rasa's own extension points."""
