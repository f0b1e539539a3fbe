"""Delivers all six calls with an unmodified tracking client from PyPI.

usage: tracking_client.py segment|rudder URL KEY on|off
Prints {"errors": [...], "sent": n}.
"""
import datetime
import json
import sys

library, url, key, gzip = sys.argv[1:]
errors = []

if library == "segment":
    from segment.analytics.client import Client

    client = Client(key, host=url, gzip=gzip == "on", max_retries=3, on_error=lambda e, items: errors.append(repr(e)))
else:
    from rudderstack.analytics.client import Client

    client = Client(key, host=url, gzip=gzip == "on", max_retries=3, on_error=lambda e, items: errors.append(repr(e)))

person = f"{library}-{gzip}"
now = datetime.datetime.now(datetime.timezone.utc)
client.identify(person, {"email": f"{person}@example.com", "plan": "gold"})
client.track(person, "Product Viewed", {"product_id": "mug", "price": 12.5}, timestamp=now)
# Each library's own way to say that the person refuses personalization.
consent = {
    "segment": {"consent": {"categoryPreferences": {"Personalization": False}}},
    "rudder": {"consentManagement": {"allowedConsentIds": ["ads"], "deniedConsentIds": ["personalization"], "provider": "custom"}},
}[library]
client.page(person, "Shop", "Home", {"url": "https://shop.example/"}, context=consent)
client.screen(person, "Shop", "Start", {"build": 7})
client.group(person, "company-1", {"name": "Example"})
client.alias(f"before-{person}", person)
for number in range(150):
    client.track(person, "Product Added", {"product_id": f"item-{number}"})
client.flush()
client.join()
print(json.dumps({"errors": errors, "sent": 156}))
