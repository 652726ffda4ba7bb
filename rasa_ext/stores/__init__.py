"""Storage behind Rasa: conversations. Imported before there is an agent to patch."""

from rasa_ext.patches import install

install()
