# SPDX-License-Identifier: Apache-2.0
"""Jars of other people's servers from Maven Central, once, below build/deps/peers."""
import fcntl
import os
import shutil
import subprocess
import tempfile
from xml.sax.saxutils import escape

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
HOME = os.path.join(ROOT, "build", "deps", "peers")


def jars(name, *coordinates):
    """The folder with the jars of `group:artifact:version` and of all that they need at run time."""
    folder = os.path.join(HOME, name)
    os.makedirs(HOME, exist_ok=True)
    with open(os.path.join(HOME, name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two suites may want the same jars at the same time
        if os.path.isdir(folder):
            return folder
        work = tempfile.mkdtemp(prefix=name + ".part-", dir=HOME)
        try:
            with open(os.path.join(work, "pom.xml"), "w") as pom:
                pom.write("<project><modelVersion>4.0.0</modelVersion><groupId>peers</groupId><artifactId>peers</artifactId>"
                          "<version>1</version><dependencies>")
                for coordinate in coordinates:
                    group, artifact, version = map(escape, coordinate.split(":"))
                    pom.write(f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
                              f"<version>{version}</version></dependency>")
                pom.write("</dependencies></project>")
            done = subprocess.run(["mvn", "-q", "-B", "-f", os.path.join(work, "pom.xml"), "dependency:copy-dependencies",
                                   "-DincludeScope=runtime", "-DoutputDirectory=" + os.path.join(work, "jars")],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
            if done.returncode != 0:
                raise RuntimeError(f"Maven could not fetch {', '.join(coordinates)}:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
            os.rename(os.path.join(work, "jars"), folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return folder
