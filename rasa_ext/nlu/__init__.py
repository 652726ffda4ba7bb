"""Graph components. Rasa imports them with every model, so the patches go in here."""

from rasa_ext.patches import install

install()
