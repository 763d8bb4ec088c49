"""Keys of shops, payments, customers, maps and the rest."""

from occasio_secrets.pattern import form, inner

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_URL_END = "(?![A-Za-z0-9_-])"

SERVICES = (
    # Test keys open little, but they are keys.
    form(
        "stripe-key",
        "sk_live_ rk_live_ sk_test_ rk_test_ sk_prod_ rk_prod_ sk_org_live_ sk_org_test_",
        "[A-Za-z0-9]{16,250}",
    ),
    form("stripe-webhook-secret", "whsec_", "[A-Za-z0-9+/]{32,64}=?"),
    form("shopify-token", "shpat_ shpca_ shppa_ shpss_ shptka_ shpua_", "[0-9a-fA-F]{32}"),
    form("square-token", "EAAA", "[A-Za-z0-9_+=-]{60}", end=_URL_END),
    form("square-token", "sq0atp- sandbox-sq0atb-", "[A-Za-z0-9_-]{22,60}", end=_URL_END),
    form("square-token", "sq0csp- sandbox-sq0csb-", "[A-Za-z0-9_-]{43}", end=_URL_END),
    form("braintree-token", "access_token$production$ access_token$sandbox$", r"[0-9a-z]{16}\$[0-9a-f]{32}"),
    form("paypal-token", "A21AA", "[A-Za-z0-9_-]{80,120}", end=_URL_END),
    form("plaid-token", "access-production- access-sandbox- access-development-", _UUID),
    form("flutterwave-key", "FLWSECK- FLWSECK_TEST-", "[0-9a-zA-Z]{12,40}(?:-X)?"),
    form("razorpay-key", "rzp_live_ rzp_test_", "[A-Za-z0-9]{14,24}"),
    form("gocardless-token", "live_", "[A-Za-z0-9_=-]{40}", end="(?![A-Za-z0-9_=-])"),
    form("lob-key", "live_ test_", "[0-9a-f]{35}"),
    form("adyen-key", "AQE", r"[A-Za-z0-9+/]{60,160}={0,2}-[A-Za-z0-9+/=]{40,64}-.{16}", end=""),
    form("easypost-key", "EZAK EZTK", "[A-Za-z0-9]{54}"),
    form("shippo-token", "shippo_live_ shippo_test_", "[0-9a-f]{40}"),
    form("duffel-token", "duffel_live_ duffel_test_", "[A-Za-z0-9_=-]{43}", end="(?![A-Za-z0-9_=-])"),
    form("frameio-token", "fio-u-", "[A-Za-z0-9_=-]{64}", end="(?![A-Za-z0-9_=-])"),
    form("hubspot-token", "pat-na1- pat-na2- pat-na3- pat-eu1- pat-ap1-", _UUID),
    form("adobe-secret", "p8e-", "[A-Za-z0-9_-]{32}", end=_URL_END),
    form("adafruit-key", "aio_", "[A-Za-z0-9]{28}"),
    form("mapbox-token", "sk.eyJ", r"[A-Za-z0-9_-]{40,200}\.[A-Za-z0-9_-]{20,60}", end=_URL_END),
    form("asana-token", "1/ 2/", r"[0-9]{15,17}(?:/[0-9]{15,17})?:[0-9a-f]{32}"),
    form("clickup-token", "pk_", "[0-9]{6,10}_[A-Z0-9]{32}"),
    form("salesforce-token", "00D", r"[A-Za-z0-9]{12,15}![A-Za-z0-9_.]{80,260}"),
    form("canva-secret", "cnvca", "[A-Za-z0-9_-]{50,60}", end=_URL_END),
    form("sumup-key", "sup_sk_", "[A-Za-z0-9]{24,64}"),
    form("mercadopago-token", "APP_USR- TEST-", "[0-9]{16}-[0-9]{6}-[0-9a-f]{32}-[0-9]{5,12}"),
    form("polar-token", "polar_oat_ polar_pat_", "[A-Za-z0-9_-]{40,60}", end=_URL_END),
    form("intra42-secret", "s-s4t2ud- s-s4t2af-", "[0-9a-f]{64}"),
    form("settlemint-token", "sm_aat_ sm_pat_ sm_sat_", "[A-Za-z0-9]{16}"),
    inner("maxmind-key", "_mmk", "_mmk", (36,), "[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    form("cal-key", "cal_live_", "[0-9a-f]{32}"),
    form("unkey-key", "unkey_", "[A-Za-z0-9]{20,40}"),
    form("inngest-key", "signkey-", "(?:prod|test|branch)-[0-9a-f]{32,64}"),
    form("trigger-key", "tr_dev_ tr_prod_ tr_stg_ tr_pat_", "[A-Za-z0-9]{20,48}"),
    form("liveblocks-key", "sk_prod_ sk_dev_", "[A-Za-z0-9_-]{40,80}", end=_URL_END),
    form("bitwarden-token", "0.", rf"{_UUID}\.[A-Za-z0-9]{{30}}:[A-Za-z0-9+/]{{22}}=="),
)
