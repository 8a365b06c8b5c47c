from tests.hub.doors import empty_database, eriec, http, hub_app, hub_database, hub_settings, pin

__all__ = ["empty_database", "eriec", "http", "hub_app", "hub_database", "hub_settings", "pin"]
