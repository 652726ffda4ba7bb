"""Storage behind Rasa: conversations."""
