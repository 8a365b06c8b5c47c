"""A browser without scripts: reads a page as a tree, fills its forms, follows where it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final, Self

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.hub.pages.world import PASSWORD

VOID: Final = {"meta", "link", "img", "input", "br", "hr", "path", "circle", "rect"}
CONTROLS: Final = {"input", "select", "textarea"}


@dataclass(eq=False)
class Element:
    """One element of a page; ``children`` are elements and texts in order."""

    tag: str
    attributes: dict[str, str]
    parent: Self | None = None
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        """Itself and everything below, in order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, *tags: str) -> list["Element"]:
        """Everything below with one of these tags."""
        return [one for one in self.walk() if one.tag in tags]

    def one(self, tag: str) -> "Element":
        (found,) = self.all(tag)
        return found

    @property
    def text(self) -> str:
        """All text below, white space folded."""
        return " ".join(" ".join(self.texts()).split())

    def texts(self, without_lang: str | None = None) -> Iterator[str]:
        """Each text below; what is marked as another language may be left out."""
        if without_lang and self.attributes.get("lang") == without_lang:
            return
        for child in self.children:
            if isinstance(child, Element):
                yield from child.texts(without_lang)
            else:
                yield child

    def inside(self, tag: str) -> bool:
        return self.parent is not None and (self.parent.tag == tag or self.parent.inside(tag))

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")


class Page(HTMLParser):
    """One answer, read."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.status = answer.status_code
        self.address = answer.request.path
        self.full_address = answer.request.full_path.rstrip("?")
        self.headers = answer.headers
        self.source = answer.get_data(as_text=True)
        self.root = self._here = Element("", {})
        self.feed(self.source)
        self.close()
        assert self._here is self.root, f"{self._here.tag} is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._here)
        self._here.children.append(element)
        if tag not in VOID:
            self._here = element

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self._here.tag == tag, f"</{tag}> closes <{self._here.tag}>"
        assert self._here.parent is not None
        self._here = self._here.parent

    def handle_data(self, data: str) -> None:
        self._here.children.append(data)

    @property
    def title(self) -> str:
        return next(one.text for one in self.root.all("title") if one.inside("head"))

    @property
    def heading(self) -> str:
        return self.root.one("h1").text

    @property
    def notices(self) -> list[str]:
        return [one.text for one in self.root.walk() if one.get("role") in {"status", "alert"}]

    def forms(self, method: str = "post") -> list[Element]:
        return [form for form in self.root.all("form") if form.get("method") == method]

    def form(self, ending: str) -> Element:
        """The first form that is sent to an address with this ending."""
        return next(form for form in self.forms() if form.get("action").endswith(ending))

    def links(self) -> list[str]:
        return [one.get("href") for one in self.root.all("a")]


def filled(form: Element, **values: str) -> dict[str, str]:
    """What a browser would send: what stands in the controls, changed by what a person types or chooses."""
    sent = {one.get("name"): one.get("value") for one in form.all(*CONTROLS) if one.get("name")}
    assert values.keys() <= sent.keys()
    return sent | values


@dataclass
class Visitor:
    """Someone at the hub."""

    http: FlaskClient

    def open(self, address: str) -> Page:
        return Page(self.http.get(address, follow_redirects=True))

    def send(self, form: Element, **values: str) -> Page:
        return Page(self.http.post(form.get("action"), data=filled(form, **values), follow_redirects=True))

    def sign_in(self, username: str, password: str = PASSWORD, address: str = "/sign-in") -> Page:
        page = self.open(address)
        return self.send(page.form("/sign-in"), username=username, password=password)

    def speak(self, code: str) -> Self:
        self.http.get(f"/language/{code}")
        return self
