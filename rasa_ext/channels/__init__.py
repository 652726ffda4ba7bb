"""Input channels. Imported before the server knows how to load its agent."""

from rasa_ext.patches import install

install()
