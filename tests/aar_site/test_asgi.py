"""The ASGI entry as a process loads it."""

import os
import subprocess
import sys


def test_what_is_loaded_once_is_not_walked_by_the_collector(tmp_path):
    told = (
        "import gc, sys, aar_site.asgi;"
        "print(gc.get_freeze_count(), len(gc.get_objects()), 'actions.views.lists' in sys.modules)"
    )
    env = {**os.environ, "HINDCAST_DATA": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", told], env=env, capture_output=True, text=True, check=True
    )
    kept, walked, has_views = answer.stdout.split()
    assert int(kept) > 100_000
    assert int(walked) < 1_000
    assert has_views == "True"
