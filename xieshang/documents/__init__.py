"""What is handed over: the plan of a case, and the files and messages made of it."""

from xieshang.documents.files import FILES

__all__ = ["FILES"]
