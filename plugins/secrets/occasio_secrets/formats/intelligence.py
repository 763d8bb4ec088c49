"""Keys of models' providers and of what is built around them."""

from occasio_secrets.pattern import form, inner

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_URL_END = "(?![A-Za-z0-9_-])"

INTELLIGENCE = (
    # Kind and version (api03, admin01, oat01), then url-safe base64; real ones have over 90 characters.
    form("anthropic-key", "sk-ant-", "[a-z]{2,12}[0-9]{2}-[A-Za-z0-9_-]{20,}", end=""),
    # url-safe base64; real ones have over 100 characters.
    form("openai-key", "sk-proj- sk-svcacct- sk-admin- sk-service- sk-None-", "[A-Za-z0-9_-]{20,}", end=""),
    form("openrouter-key", "sk-or-v1-", "[0-9a-f]{64}"),
    form("langfuse-key", "sk-lf-", _UUID),
    # The old form, and that of many who copied it: letters and digits alone, so class names such as `sk-fading-circle`
    # are no match; the digit keeps long words out.
    form("openai-key", "sk-", "(?=[A-Za-z]*[0-9])[A-Za-z0-9]{32,}(?![A-Za-z0-9_-])", end=""),
    form("huggingface-token", "hf_ api_org_", "[A-Za-z0-9]{34,40}"),
    form("groq-key", "gsk_", "[A-Za-z0-9]{48,56}"),
    form("perplexity-key", "pplx-", "[A-Za-z0-9]{40,64}"),
    form("xai-key", "xai-", "[A-Za-z0-9]{70,90}"),
    form("replicate-token", "r8_", "[A-Za-z0-9]{37}"),
    form("langsmith-key", "lsv2_pt_ lsv2_sk_", "[0-9a-f]{32}_[0-9a-f]{10}"),
    form("pinecone-key", "pcsk_", "[A-Za-z0-9]{4,8}_[A-Za-z0-9]{50,80}"),
    form("together-key", "tgp_v1_", "[A-Za-z0-9_-]{40,50}", end=_URL_END),
    form("fireworks-key", "fw_", "[A-Za-z0-9]{22,24}"),
    form("nvidia-key", "nvapi-", "[A-Za-z0-9_-]{60,70}", end=_URL_END),
    form("cerebras-key", "csk-", "[a-z0-9]{48}"),
    form("tavily-key", "tvly-", "(?:dev-|prod-)?[A-Za-z0-9]{32}"),
    form("firecrawl-key", "fc-", "[0-9a-f]{32}"),
    form("wandb-key", "wandb_v1_", "[A-Za-z0-9_]{60,100}"),
    form("jina-key", "jina_", "[A-Za-z0-9_-]{50,70}", end=_URL_END),
    form("voyage-key", "pa-", "[A-Za-z0-9_-]{43}", end=_URL_END),
    form("elevenlabs-key", "sk_", "[0-9a-f]{48}"),
    form("databricks-token", "dsapi", "[0-9a-f]{32}"),
    form("e2b-key", "e2b_", "[0-9a-f]{40}"),
    form("modal-token", "as- ak-", "[A-Za-z0-9]{22}"),
    form("notion-token", "ntn_", "[0-9]{11}[A-Za-z0-9]{35}"),
    form("notion-token", "secret_", "[A-Za-z0-9]{43}"),
    form("linear-key", "lin_api_ lin_oauth_ lin_wh_", "[A-Za-z0-9]{32,64}"),
    form("figma-token", "figd_ figo_ figu_ figor_ figoh_", "[A-Za-z0-9_-]{38,60}", end=_URL_END),
    inner("airtable-token", r"\.[0-9a-f]{16}", ".", (17,), r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    form("dropbox-token", "sl.", r"(?:u\.)?[A-Za-z0-9_=-]{130,2000}"),
    form("typeform-token", "tfp_", r"[A-Za-z0-9_.=-]{59}"),
    form("zapier-key", "sk-ap-", "[A-Za-z0-9_-]{30,120}"),
)
