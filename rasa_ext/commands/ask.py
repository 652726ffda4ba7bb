"""`make ask TEXT=…`: what the assistant understands and which entry answers."""

from __future__ import annotations

import sys

from rasa_ext.commands.parser import Parser
from rasa_ext.commands.train import ensure_model
from xieshang.knowledge import current_knowledge


def main() -> None:
    """Entry point of `make ask`."""
    text = " ".join(sys.argv[1:]).strip()
    if not text:
        sys.exit("Give a sentence: make ask TEXT=花呗还不上了怎么办")
    parsed = Parser(ensure_model()).parse(text)
    name = parsed["intent"]["name"]
    print(f"intent      {name} ({parsed['intent']['confidence']:.2f})")
    for ranked in parsed["intent_ranking"][1:4]:
        print(f"            {ranked['name']} ({ranked['confidence']:.2f})")
    for entity in parsed["entities"]:
        print(f"entity      {entity['entity']} = {entity['value']}")
    entry = current_knowledge().entries.get(name)
    if entry is None:
        print("entry       none: topics are offered")
    else:
        print(f"entry       knowledge/{entry.topic}.yml: {entry.title}")
        print(f"            {entry.messages[0]}")


if __name__ == "__main__":
    main()
