"""What the assistant knows and computes: plain Python that imports no Rasa."""
