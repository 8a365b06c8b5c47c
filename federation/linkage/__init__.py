"""Possible duplicates without identities: keyed tokens made at the agency, compared where nobody can read them."""

from federation.linkage.duplicates import Duplicate, find_duplicates
from federation.linkage.keyed import Token, tokens

__all__ = ["Duplicate", "Token", "find_duplicates", "tokens"]
