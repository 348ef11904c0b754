"""Kinds of secrets that are known by their form.

Law: every expression here is linear in the length of what it reads; attackers write the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

KINDS: dict[str, tuple[tuple[str, ...], str]] = {
    "a Slack token": (
        ("xox", "xapp-"),
        r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xoxe\.xox[bp]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}",
    ),
    "a Slack webhook": (("hooks.slack",), r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{20,}"),
    "a GitHub token": (
        ("gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_"),
        r"gh[opsur]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}",
    ),
    "a GitLab token": (("gl",), r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[\w-]{20,}"),
    "an Anthropic key": (("sk-ant-",), r"sk-ant-[\w-]{16,}"),
    "an OpenAI key": (("sk-",), r"sk-(?:proj|svcacct|admin|None)-[\w-]{20,}|sk-[A-Za-z0-9]{40,}"),
    "an AWS access key": (("AKIA", "ASIA", "ABIA", "ACCA"), r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])"),
    "a Google API key": (("AIza",), r"AIza[\w-]{35}(?![\w-])"),
    "a Google OAuth secret": (("GOCSPX-", "ya29.", "1//0"), r"GOCSPX-[\w-]{28}|ya29\.[\w-]{30,}|1//0[\w-]{40,}"),
    "a Stripe key": (("_live_", "_test_", "whsec_"), r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}"),
    "an npm token": (("npm_",), r"npm_[A-Za-z0-9]{36}"),
    "a PyPI token": (("pypi-",), r"pypi-AgE[\w-]{32,}|pypi-[\w-]{60,}"),
    "a RubyGems token": (("rubygems_",), r"rubygems_[a-f0-9]{48}"),
    "a crates.io token": (("cio",), r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    "a NuGet key": (("oy2",), r"oy2[a-z0-9]{43}(?![a-z0-9])"),
    "a JSON web token": (("eyJ",), r"eyJ[\w-]{8,512}+\.eyJ[\w-]{8,8000}+\.[\w-]{16,}"),
    "a Hugging Face token": (("hf_",), r"hf_[A-Za-z]{34}(?![A-Za-z])"),
    "a DigitalOcean token": (("_v1_",), r"do[opr]_v1_[a-f0-9]{64}"),
    "a Docker token": (("dckr_",), r"dckr_(?:pat|oat)_[\w-]{24,}"),
    "a SendGrid key": (("SG.",), r"SG\.[\w-]{20,24}\.[\w-]{39,50}"),
    "a Twilio key": (("SK", "AC"), r"(?:SK|AC)[a-f0-9]{32}(?![a-f0-9])"),
    "a Mailgun key": (("key-",), r"key-[a-f0-9]{32}(?![a-f0-9])"),
    "a Mailchimp key": (("-us",), r"[a-f0-9]{32}-us\d{1,2}(?!\w)"),
    "a Shopify token": (("shp",), r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    "a Square token": (("sq0", "EAAA"), r"sq0(?:atp|csp)-[\w-]{22,43}|EAAA[\w-]{60}(?![\w-])"),
    "a Telegram bot token": ((":AA",), r"\d{8,10}:AA[\w-]{33}(?![\w-])"),
    "a Discord webhook": (
        ("/webhooks/",),
        r"https://(?:\w{1,20}\.)?discord(?:app)?\.com/api/webhooks/\d{10,20}/[\w-]{40,}",
    ),
    "a Discord token": ((".",), r"[MNO][A-Za-z\d_-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])"),
    "a Microsoft Teams webhook": (("webhookb2",), r"https://[\w-]{1,60}\.webhook\.office\.com/webhookb2/[\w@/-]{60,}"),
    "an Azure storage key": (("AccountKey=",), r"AccountKey=[A-Za-z0-9+/]{86}=="),
    "an Azure client secret": (("Q~",), r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])"),
    "a Databricks token": (("dapi",), r"dapi[a-f0-9]{32}(?:-\d)?(?![a-f0-9])"),
    "a Vault token": (("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{24,}"),
    "a Terraform token": (("atlasv1",), r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    "a Linear key": (("lin_api_",), r"lin_api_[A-Za-z0-9]{40}"),
    "a Notion token": (("ntn_", "secret_"), r"(?:ntn_|secret_)[A-Za-z0-9]{43,46}(?![A-Za-z0-9])"),
    "an Atlassian token": (("ATATT3x",), r"ATATT3x[\w=-]{100,}"),
    "a PlanetScale token": (("pscale_",), r"pscale_(?:tkn|pw|oauth)_[\w.-]{32,}"),
    "a New Relic key": (("NRAK-",), r"NRAK-[A-Z0-9]{27}"),
    "a Grafana token": (("glc_", "glsa_"), r"gl(?:c_[A-Za-z0-9+/]{32,}|sa_[A-Za-z0-9]{32}_[a-f0-9]{8})"),
    "a Sentry token": (("sntr",), r"sntr[yu]s_[A-Za-z0-9_=+/-]{40,}"),
    "a Fly.io token": (("FlyV1",), r"FlyV1 fm\d_[\w+/=,-]{40,}"),
    "an age key": (("AGE-SECRET",), r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    "a Groq key": (("gsk_",), r"gsk_[A-Za-z0-9]{48,}"),
    "a Supabase key": (("sbp_", "sbs_"), r"sb[ps]_(?:secret_)?[A-Za-z0-9_-]{30,}"),
    "a 1Password token": (("ops_eyJ",), r"ops_eyJ[\w-]{100,}"),
    "a GitLab runner token": (("GR1348941",), r"GR1348941[\w-]{20,}"),
    "an AWS Bedrock key": (("ABSK",), r"ABSK[A-Za-z0-9+/]{80,}={0,2}"),
    "an Azure DevOps token": (("AZDO",), r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    "a Perplexity key": (("pplx-",), r"pplx-[A-Za-z0-9]{40,}"),
    "a Replicate token": (("r8_",), r"r8_[A-Za-z0-9]{37}"),
    "an xAI key": (("xai-",), r"xai-[A-Za-z0-9]{60,}"),
    "an OpenRouter key": (("sk-or-",), r"sk-or-v1-[a-f0-9]{48,}"),
    "a key of a model service": (("sk-",), r"sk-[a-f0-9]{32}(?![A-Za-z0-9-])"),
    "a LangSmith key": (("lsv2_",), r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    "a Pinecone key": (("pcsk_",), r"pcsk_[\w-]{40,}"),
    "a Cloudflare key": (("v1.0-",), r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    "a Heroku key": (("HRKU-",), r"HRKU-[\w-]{30,}"),
    "a Netlify token": (("nfp_",), r"nfp_[A-Za-z0-9]{36}"),
    "a Figma token": (("figd_", "figo_"), r"fig[do]_[\w-]{40,}"),
    "an Airtable token": (("pat",), r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    "a Postman key": (("PMAK-",), r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    "a Pulumi token": (("pul-",), r"pul-[a-f0-9]{40}"),
    "a Doppler token": (("dp.",), r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{40,}"),
    "a Bitbucket password": (("ATBB", "ATCTT3x"), r"ATBB[A-Za-z0-9]{32}|ATCTT3x[\w=-]{100,}"),
    "a JFrog key": (("AKCp", "cmVmdGtu"), r"AKCp[A-Za-z0-9]{69}|cmVmdGtu[A-Za-z0-9]{56}"),
    "a HubSpot token": (("pat-",), r"pat-(?:na|eu)\d-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}"),
    "a Contentful token": (("CFPAT-",), r"CFPAT-[\w-]{43}"),
    "a Dynatrace token": (("dt0",), r"dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    "a Typeform token": (("tfp_",), r"tfp_[\w-]{40,}"),
    "a Prefect key": (("pnu_",), r"pnu_[A-Za-z0-9]{36}"),
    "a ReadMe key": (("rdme_",), r"rdme_[a-z0-9]{60,}"),
    "an EasyPost key": (("EZ",), r"EZ[AT]K[A-Za-z0-9]{54}"),
    "a Duffel token": (("duffel_",), r"duffel_(?:live|test)_[\w-]{43}"),
    "a Flutterwave key": (("FLWSECK",), r"FLWSECK(?:_TEST)?-[a-f0-9]{12,32}-X"),
    "a Clojars token": (("CLOJARS_",), r"CLOJARS_[a-z0-9]{60}"),
    "a Tailscale key": (("tskey-",), r"tskey-(?:auth|api|client)-[\w-]{20,}"),
    "a Buildkite token": (("bkua_",), r"bkua_[a-f0-9]{40}"),
    "a Sourcegraph token": (("sgp_",), r"sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}"),
    "a Lob key": (("live_", "test_"), r"(?:live|test)_(?:pub_)?[a-f0-9]{35}(?![a-f0-9])"),
    "a Facebook token": (("EAACEdEose0cBA",), r"EAACEdEose0cBA[A-Za-z0-9]{40,}"),
    "a Twitter token": (("AAAAAAAAAAAAAAAAAAAAA",), r"A{21,22}[A-Za-z0-9%]{60,}"),
    "a Deno Deploy token": (("ddp_", "ddw_"), r"dd[pw]_[A-Za-z0-9]{36}"),
    "a Railway or Render key": (("rnd_",), r"rnd_[A-Za-z0-9]{28,}"),
    "a Vercel token": (("vercel_blob_rw_", "vcp_", "vck_"), r"vercel_blob_rw_[\w]{30,}|vc[pk]_[A-Za-z0-9]{40,}"),
    "a Mapbox token": (("sk.eyJ",), r"sk\.eyJ[\w-]{40,}\.[\w-]{20,}"),
    "an Alibaba key": (("LTAI",), r"LTAI[A-Za-z0-9]{17,21}(?![A-Za-z0-9])"),
    "a Yandex or Tencent key": (("AKID", "AQVN"), r"AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])|AQVN[\w-]{35,38}(?![\w-])"),
}
"""Each kind: what a text must hold to be looked at closely, and the form."""
FORMS = {kind: re.compile(rf"(?<![A-Za-z0-9_+/-])(?:{form})") for kind, (_, form) in KINDS.items()}
LOOSE = frozenset(
    {
        "a Twilio key",
        "a Mailgun key",
        "a crates.io token",
        "a NuGet key",
        "a Discord token",
        "a GitLab token",
        "an EasyPost key",
        "an Alibaba key",
        "a Yandex or Tencent key",
        "a Railway or Render key",
    }
)
"""Kinds whose form random bytes meet too easily."""


def likely(text: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds whose anchors a text holds."""
    return tuple(kind for kind in kinds if any(anchor in text for anchor in KINDS[kind][0]))


def tokens(text: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(kind, value) of every token of these kinds."""
    for kind in likely(text, kinds):
        for one in FORMS[kind].finditer(text):
            yield kind, one.group()
