"""Reading what people write: patterns and values, without Rasa."""
