"""The usual names of files by their kind, as ripgrep's `--type` has them; kinds that few ask for are left out."""

from __future__ import annotations

from types import MappingProxyType

_JAVASCRIPT = "*.cjs *.js *.jsx *.mjs *.vue"
_MARKDOWN = "*.markdown *.md *.mdown *.mdwn *.mdx *.mkd *.mkdn"
_TYPESCRIPT = "*.cts *.mts *.ts *.tsx"

_NAMES = MappingProxyType(
    {
        "asm": "*.S *.asm *.s",
        "c": "*.[chH] *.[chH].in *.cats",
        "clojure": "*.clj *.cljc *.cljs *.cljx",
        "cmake": "*.cmake CMakeLists.txt",
        "config": "*.cfg *.conf *.config *.ini",
        "cpp": "*.[ChH] *.[ChH].in *.[ch]pp *.[ch]pp.in *.[ch]xx *.[ch]xx.in *.cc *.cc.in *.hh *.hh.in *.inl",
        "cs": "*.cs",
        "csharp": "*.cs",
        "css": "*.css *.scss",
        "csv": "*.csv",
        "cython": "*.pxd *.pxi *.pyx",
        "dart": "*.dart",
        "diff": "*.diff *.patch",
        "docker": "*Dockerfile*",
        "elixir": "*.eex *.ex *.exs *.heex *.leex *.livemd",
        "elm": "*.elm",
        "erlang": "*.erl *.hrl",
        "fish": "*.fish",
        "fsharp": "*.fs *.fsi *.fsx",
        "go": "*.go",
        "gradle": "*.gradle *.gradle.kts gradle-wrapper.* gradle.properties gradlew gradlew.bat",
        "graphql": "*.graphql *.graphqls",
        "groovy": "*.gradle *.groovy",
        "h": "*.h *.hh *.hpp",
        "haskell": "*.c2hs *.cpphs *.hs *.hsc *.lhs",
        "html": "*.ejs *.htm *.html",
        "java": "*.java *.jsp *.jspx *.properties",
        "jinja": "*.j2 *.jinja *.jinja2",
        "js": _JAVASCRIPT,
        "json": "*.json *.sarif composer.lock",
        "julia": "*.jl",
        "jupyter": "*.ipynb *.jpynb",
        "kotlin": "*.kt *.kts",
        "less": "*.less",
        "lock": "*.lock package-lock.json",
        "log": "*.log",
        "lua": "*.lua",
        "make": "*.mak *.mk [Gg][Nn][Uu]makefile [Gg][Nn][Uu]makefile.am [Gg][Nn][Uu]makefile.in "
        "[Mm]akefile [Mm]akefile.am [Mm]akefile.in",
        "markdown": _MARKDOWN,
        "md": _MARKDOWN,
        "nim": "*.nim *.nimble *.nimf *.nims",
        "nix": "*.nix",
        "objc": "*.h *.m",
        "objcpp": "*.h *.mm",
        "ocaml": "*.ml *.mli *.mll *.mly",
        "perl": "*.PL *.perl *.pl *.plh *.plx *.pm *.t",
        "php": "*.php *.php3 *.php4 *.php5 *.php7 *.php8 *.pht *.phtml",
        "protobuf": "*.proto",
        "ps": "*.cdxml *.ps1 *.ps1xml *.psd1 *.psm1",
        "py": "*.py *.pyi",
        "r": "*.R *.Rmd *.Rnw *.r",
        "rst": "*.rst",
        "ruby": "*.gemspec *.rb *.rbw .irbrc Gemfile Rakefile config.ru",
        "rust": "*.rs",
        "sass": "*.sass *.scss",
        "scala": "*.sbt *.scala",
        "solidity": "*.sol",
        "sql": "*.psql *.sql",
        "svelte": "*.svelte",
        "svg": "*.svg",
        "swift": "*.swift",
        "tex": "*.bib *.cls *.dtx *.ins *.ltx *.sty *.tex",
        "thrift": "*.thrift",
        "toml": "*.toml Cargo.lock",
        "ts": _TYPESCRIPT,
        "txt": "*.txt",
        "typescript": _TYPESCRIPT,
        "verilog": "*.sv *.svh *.v *.vh",
        "vim": "*.vim .gvimrc .vimrc _gvimrc _vimrc gvimrc vimrc",
        "vue": "*.vue",
        "wgsl": "*.wgsl",
        "xml": "*.dtd *.rng *.sch *.xhtml *.xjb *.xml *.xml.dist *.xsd *.xsl *.xslt",
        "yaml": "*.yaml *.yml",
        "zig": "*.zig",
    }
)


def known_types() -> tuple[str, ...]:
    """Return the kinds that are known."""
    return tuple(_NAMES)


def names_of_type(name: str) -> tuple[str, ...]:
    """Return the patterns for names of that kind of file, none for a kind that is not known."""
    return tuple(_NAMES.get(name, "").split())
