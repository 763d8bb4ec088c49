"""Keys of where code is kept, built, checked and published."""

from occasio_secrets.pattern import URL_SAFE, form, inner

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_URL_END = "(?![A-Za-z0-9_-])"

CODE = (
    # 30 random characters and a checksum of 6, in base 62; longer ones were announced.
    form("github-pat", "ghp_ gho_ ghu_ ghr_", "[A-Za-z0-9]{36,255}"),
    form("github-pat", "ghs_", r"(?:[A-Za-z0-9]{36,255}|[0-9]{1,12}_eyJ[A-Za-z0-9_.-]{36,1200})"),
    # Fine-grained: 22 characters, `_`, 59 characters.
    form("github-pat", "github_pat_", "[A-Za-z0-9_]{60,255}"),
    # 20 random characters, longer for routable ones: base64, a dot, a version, a dot, length and checksum.
    form("gitlab-pat", "glpat-", r"[A-Za-z0-9_-]{20,300}(?:\.[0-9a-z]{2}\.[0-9a-z]{7,9})?", end=_URL_END),
    form(
        "gitlab-token",
        "gldt- glrt- glrtr- glft- glsoat- glimt- glagent- glffct- gloas- glwt-",
        r"[A-Za-z0-9_.-]{20,300}",
        end=_URL_END,
    ),
    form("gitlab-token", "glptt-", "[0-9a-f]{40}"),
    form("gitlab-token", "glcbt-", "[0-9a-zA-Z]{1,5}_[A-Za-z0-9_-]{20,64}", end=_URL_END),
    form("gitlab-token", "GR1348941", "[A-Za-z0-9_-]{20}", end=_URL_END),
    form("bitbucket-token", "ATBB ATCTT3", "[A-Za-z0-9_=-]{32,250}"),
    form("atlassian-token", "ATATT3 ATSTT3", "[A-Za-z0-9_=-]{40,250}"),
    # Exactly 36 more; variables such as `npm_config_cache` have `_` long before.
    form("npm-token", "npm_", "[A-Za-z0-9]{36}", end="(?![A-Za-z0-9_])"),
    # base64 of a macaroon whose location is the index.
    form("pypi-token", "pypi-AgEIcHlwaS5vcmc pypi-AgENdGVzdC5weXBpLm9yZw", "[A-Za-z0-9_-]{50,1000}", end=_URL_END),
    form("docker-token", "dckr_pat_ dckr_oat_", "[A-Za-z0-9_-]{27,64}", end=_URL_END),
    form("rubygems-key", "rubygems_", "[0-9a-f]{48}"),
    form("cargo-token", "cio", "[A-Za-z0-9]{32}"),
    form("nuget-key", "oy2", "[a-z0-9]{43}"),
    form("clojars-token", "CLOJARS_", "[A-Za-z0-9]{60}"),
    # Of the repository with the frog: access keys, and `reftkn:` in base64.
    form("frog-key", "AKCp", "[A-Za-z0-9]{69}"),
    form("frog-key", "cmVmdGtuOj", "[A-Za-z0-9]{54}"),
    form("circleci-token", "CCIPAT_ CCIPRJ_", "[A-Za-z0-9]{22}_[0-9a-f]{40}"),
    form("buildkite-token", "bkua_ bkaj_ bkct_ bkpt_", "[A-Za-z0-9_-]{32,80}", end=_URL_END),
    form("sonar-token", "squ_ sqp_ sqa_", "[0-9a-f]{40}"),
    form("snyk-token", "snyk_uat. snyk_sat.", r"[0-9a-f]{8}\.[A-Za-z0-9_.-]{24,400}", end=_URL_END),
    form("sourcegraph-token", "sgp_ slk_", "(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40,64}"),
    form("octopus-key", "API-", "[A-Z0-9]{26,32}"),
    form("prefect-key", "pnu_ pnb_", "[A-Za-z0-9]{36}"),
    form("scalingo-token", "tk-us-", "[A-Za-z0-9_-]{48}", end=_URL_END),
    form("launchdarkly-key", "sdk- api- mob-", _UUID),
    form("posthog-key", "phx_ phs_", "[A-Za-z0-9]{40,56}"),
    form("postman-key", "PMAK-", "[0-9a-f]{24}-[0-9a-f]{34}"),
    form("postman-key", "PMAT-", "[0-9A-Z]{26}"),
    form("readme-key", "rdme_", "[a-z0-9]{70}"),
    form("harness-token", "pat. sat.", r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"),
    form("openshift-token", "sha256~", "[A-Za-z0-9_-]{43}", end=_URL_END),
    form("infracost-key", "ico-", "[A-Za-z0-9]{32}"),
    form("aikido-secret", "AIK_SECRET_ AIK_CI_", "[A-Za-z0-9]{20,64}"),
    # Monitoring.
    form("newrelic-key", "NRAK- NRAA- NRRA- NRBR-", "[A-Z0-9]{27}"),
    form("newrelic-key", "NRII- NRIQ- NRSP- NRJS-", "[A-Za-z0-9_-]{19,32}", end=_URL_END),
    inner("newrelic-key", "NRAL", "NRAL", (36,), "[A-Za-z0-9]{36}NRAL"),
    form("datadog-key", "ddapp_ ddpat_ ddsat_", "[A-Za-z0-9_]{34,80}"),
    form("sentry-token", "sntrys_", "eyJ[A-Za-z0-9+/]{40,400}={0,2}_[A-Za-z0-9+/]{43}"),
    form("sentry-token", "sntryu_ sntrya_", "[0-9a-f]{64}"),
    form("grafana-token", "glc_", "[A-Za-z0-9+/]{32,400}={0,3}", end="(?![A-Za-z0-9+/=])"),
    form("grafana-token", "glsa_", "[A-Za-z0-9]{32}_[0-9a-f]{8}"),
    # The old kind, JSON in base64 that begins `{"k":"`.
    form("grafana-token", "eyJrIjoi", "[A-Za-z0-9+/]{70,400}={0,3}", end="(?![A-Za-z0-9+/=.])", after=URL_SAFE),
    form("dynatrace-token", "dt0c01. dt0s01. dt0s02. dt0s08. dt0s16.", r"[A-Z0-9]{8,24}\.[A-Z0-9]{64}"),
    form("honeycomb-key", "hcaik_ hcbik_ hcamk_ hcalk_ hcxik_", "[a-z0-9]{58}"),
    form("pagerduty-key", "pdus+ pdeu+", r"[A-Za-z0-9_+-]{20,40}"),
    form("contentful-token", "CFPAT-", "[A-Za-z0-9_-]{43}", end=_URL_END),
)
