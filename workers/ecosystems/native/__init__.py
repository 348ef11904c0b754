"""C or C++."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.native import read
from workers.ecosystems.native.detect import detect
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import supply

_SELECT = Select(belongs=re.compile(r"(^|/)tests?\.(c|cc|cpp)$|_test\.(c|cc|cpp|cxx)$|(^|/)test_[^/]+\.(c|cc|cpp)$"))

_LACK = Lack(
    wanted=(
        ("a compiler for {}", r"^ *No CMAKE_(\w{1,20})_COMPILER could be found"),
        ("the compiler {}", r"ERROR: Unknown compiler\(s\): \[\['([\w.+-]{1,40})'"),
        ("CMake {}", r"^ *CMake (\d[\w.]{0,20}) or higher is required\."),
        (
            "the CMake package {}",
            r'^ *Could not find a package configuration file provided by "([\w.+-]{1,60})"',
        ),
        ("{}", r"^ *Could NOT find ([\w.+-]{1,60}) \(missing: "),
        (
            "the library {}",
            r'links to:?\s+(?:target "?)?([\w.+-]{1,40}::[\w.+-]{1,40})"?\s+but the target was not\s+found',
        ),
        ("the library {}", r"ld: cannot find -l([\w.+-]{1,60})(?:: No such file or directory)?$"),
        ("Meson {}", r"ERROR: Meson version is \S+ but project requires ([<>=!, \d.\w]{1,40}?)\.?$"),
        ("the library {}", r'ERROR: Dependency "([\w.+-]{1,60})" not found'),
    ),
    offline=(
        r'^ *add_subdirectory given source\s+"[^"\n]+/_deps/[^"\n]+"\s+which is not',
        r"^ *(?:error: downloading '[^'\n]+' failed|Failed to clone repository: '[^'\n]+')",
    ),
)

ECOSYSTEM = Ecosystem(
    name="native",
    label="C or C++",
    rank=90,
    tests=test_forms(__file__),
    supply=supply(__file__),
    manifests=("CMakeLists.txt", "meson.build", "configure.ac"),
    detect=(detect,),
    readers=Readers(outputs=read.OUTPUTS),
    select=_SELECT,
    lack=_LACK,
    endings=("c", "cc", "cpp", "cxx"),
    sources=("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx"),
)
