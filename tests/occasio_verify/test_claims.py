from occasio_verify import verify_bundle
from tests.spec import worked_example as example

BUNDLE = example.bundle(example.rows())


def test_every_claim_says_what_it_rests_on():
    basis = {claim.name: claim.basis.value for claim in verify_bundle(BUNDLE).claims}
    assert (basis["blocked"], basis["platform"], basis["signer"], basis["model"]) == (
        "verified",
        "self-reported",
        "absent",
        "absent",
    )


def test_claims_that_were_refuted_are_not_repeated():
    assert verify_bundle(BUNDLE.replace(b'"blocked":1', b'"blocked":0', 1)).claims == ()
