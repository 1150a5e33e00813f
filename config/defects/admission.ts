/** Defects of who may come in: admissions, issuers, trusts, rules, limits, and what endpoints are told of the sender. */
import type { DefectFacts } from './facts.ts'

export const ADMISSION_DEFECTS = {
  ISSUER_UNKNOWN: {
    means: 'An issuer is named that the file does not have.',
    instead: 'Name one of its issuers, or add this one to "issuers".',
  },
  TRUST_UNKNOWN: {
    means: 'A trust is named that the file does not have.',
    instead: 'Name one of its trusts, or add this one to "trusts".',
  },
  HOST_ADMITTED_TWICE: {
    means: 'Two admissions are for one host, so that it is not clear which of them counts.',
    instead: 'Put what both demand into one admission.',
  },
  DEMAND_UNMEETABLE: {
    means: 'Something is demanded that nobody can prove, so that nobody gets in.',
    instead: 'Say whose proof counts ("tokens", "certificates"), or demand something else.',
  },
  PROOF_MISSING: {
    means: 'A condition, a key or a header is about who sent a request, and no admission of its hosts verifies that.',
    instead: 'Name issuers in "tokens" or trusts in "certificates" of the admission of these hosts.',
  },
  ISSUER_WITHOUT_URL: {
    means: 'Keys are to be discovered below the issuer, which is no URL.',
    instead: 'Write the URL of the document in "discovery", or that of the keys in "jwks".',
  },
  ALGORITHMS_CONFUSED: {
    means:
      'An issuer allows shared secrets beside public keys, or fetches them: whoever reads the public key could sign (RFC 8725 section 2.1).',
    instead: 'Allow HS* alone, with keys that stand in the file, or public-key algorithms alone.',
  },
  KEY_UNUSABLE: {
    means: 'A key fits none of the algorithms of its issuer.',
    instead: 'Name its algorithm, or remove the key.',
  },
  ISSUER_AMBIGUOUS: {
    means: 'Two issuers with one "issuer" count in one place, so that a token does not say whose it is.',
    instead: 'Name one of them there, or put what both allow into one.',
  },
  BINDING_UNPROVABLE: {
    means: 'Tokens are bound to a key or a certificate that no request can show where they are taken.',
    instead: 'Take them from a place, and on a host, where the proof can be shown.',
  },
  OPERATOR_ISSUER_SHARED: {
    means: 'An issuer of operators is believed for other requests too: whoever has such a token could operate the gateway.',
    instead: 'Make a second issuer for operators, with an audience of its own.',
  },
  TOKEN_PLACE_REFUSED: {
    means: 'Tokens of operators would be taken from a place that a browser fills in by itself, or that logs keep.',
    instead: 'Take them from the header "authorization" with the scheme Bearer alone.',
  },
  CERTIFICATE_MALFORMED: {
    means: 'A text that should hold certificates in PEM holds none, something else, or one that cannot be read.',
    instead: 'Put whole certificates there, from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".',
  },
  PRIVATE_KEY_SHOWN: {
    means: 'A private key stands where certificates are read: whoever reads the file can pass for the authority.',
    instead: 'Remove it, and take the key for lost.',
  },
  AUTHORITY_UNFIT: {
    means: 'A certificate is not of an authority, or of one that cannot be relied on: too weak a key or signature.',
    instead: 'Name the certificate of the authority that signs those of clients, with a key that is strong enough.',
  },
  AUTHORITY_EXPIRED: {
    means: 'The certificate of an authority has expired, and all that it signed with it.',
    instead: 'Name its successor.',
  },
  TRUST_DOMAIN_SHARED: {
    means:
      'Two authorities without a common key vouch for one trust domain, whoever verifies their certificates: the one could pass for clients of the other.',
    instead: 'Give each its own domains; put a successor into the same entry.',
  },
  TRUST_DOMAIN_UNVOUCHED: {
    means: 'A SPIFFE id is asked for whose trust domain no trust of these hosts vouches for, so that no client has it.',
    instead: 'Name the domain in "trustDomains" of a trust of these hosts, or correct the id.',
  },
  TRUST_UNSAID: {
    means:
      'Certificates come in by a DNS name where several trusts count, each of which may issue any name: a client of one could pass for one of another.',
    instead: 'Say whose certificate is meant with "trust" beside "dns".',
  },
  TRUST_UNBOUND: {
    means: 'Trust domains are believed of any authority of the zone, which could vouch for anybody.',
    instead: 'Name the authorities in "issuers" beside "trustDomains".',
  },
  RULE_HIDDEN: {
    means: 'A rule never decides: one before it applies wherever this one would.',
    instead: 'Remove it, or move it up.',
  },
  RULES_ADMIT_NOBODY: {
    means: 'No rule allows anything, so that nobody gets in.',
    instead: 'End the list with "- effect: allow" to let in all that is not denied.',
  },
  RULE_ELSEWHERE: {
    means:
      'A rule of a route is about methods or paths that the route does not take, or an "allow" of hosts about those that no route of theirs does.',
    instead: 'Correct it, or move it to the route or the admission that it is meant for.',
  },
  RULE_NEVER_APPLIES: {
    means:
      'A rule allows by a header that ends at the gateway whoever sends it, so that what it says is never known and the rule never applies.',
    instead: 'Allow by what is proved (claims, a certificate), by "clients" or "countries", or by another header.',
  },
  RULE_ON_AMBIGUOUS_PATHS: {
    means: 'A rule decides by paths that may be read in two ways: an endpoint may serve another path than the rule has judged.',
    instead: 'Reject such paths on this route, or give them a route of their own that no rule on paths concerns.',
  },
  LIMIT_UNCOUNTABLE: {
    means: 'The counter of a colo cannot count this: it knows two periods, and no burst beside its rate.',
    instead: 'Choose one of its periods without a burst, or "scope: global".',
  },
  ISSUER_UNTOLD: {
    means:
      'Endpoints are told claims in headers where tokens of several issuers count, and not whose word they are: each issuer may call somebody the same.',
    instead: 'Tell the issuer as well ("x-issuer: iss"), or give each issuer a host of its own.',
  },
  IDENTITY_UNBELIEVED: {
    means: 'Endpoints are told who sent a request by headers that anybody who reaches them could send.',
    instead: 'Add "token: true" to the identity, or a "clientCertificate" to each endpoint.',
  },
  IDENTITY_OVERLAPS: {
    means:
      'What endpoints are told stands twice in one place: a header for two things, a claim within another, a claim that is always there.',
    instead: 'Tell each thing once.',
  },
} as const satisfies Record<string, DefectFacts>
