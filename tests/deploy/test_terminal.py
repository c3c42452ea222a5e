"""Does a program end with its terminal?"""

import os
import signal

import pytest

from lessonlib.deploy.terminal import start_app


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGHUP")
def test_an_app_hears_when_its_terminal_hangs_up_also_under_nohup(tmp_path):
    app = "import os, time\nopen(os.environ['HERE'], 'w').close()\ntime.sleep(60)\n"
    (tmp_path / "app.py").write_text(app)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        process = start_app(tmp_path, HERE=str(tmp_path / "here"))
    finally:
        signal.signal(signal.SIGHUP, before)
    with process:
        while not (tmp_path / "here").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) == -signal.SIGHUP
