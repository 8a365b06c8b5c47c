"""What the network knows of occupations, languages and places: networkx graphs, and lookup arrays compiled from them."""

from graph.knowledge.knowledge import Kinship, Knowledge, look_up
from graph.knowledge.languages import KinLanguages
from graph.knowledge.occupations import MOST_RELATED, RELATION_SOURCES, Occupation, Related, tree_points
from graph.knowledge.places import PLACE_BANDS, Place

__all__ = [
    "MOST_RELATED",
    "PLACE_BANDS",
    "RELATION_SOURCES",
    "KinLanguages",
    "Kinship",
    "Knowledge",
    "Occupation",
    "Place",
    "Related",
    "look_up",
    "tree_points",
]
