/** The configuration of each gateway that is measured: hosts and paths that lead to one pool, whose endpoints are on loopback. */
import type { SubjectName } from './rows.ts'
import { MEASURED_ISSUER } from './tokens.ts'

/** How many routes a gateway has; one where nothing is said. */
const ROUTES: Readonly<Partial<Record<SubjectName, number>>> = { 'gateway-ten-routes': 10, 'gateway-many-routes': 10_000 }

/** Of ten routes of one host, eight take a prefix, one a string prefix and one what an expression takes. */
function extraPath(index: number): string {
  if (index % 10 === 0) return `{ prefixString: /text-${index}- }`
  return index % 10 === 1 ? `{ regex: "/item-${index}/[0-9]+" }` : `{ prefix: /service-${index} }`
}

/** A token is demanded, and three rules ask what it says: the last applies. */
const ADMISSION: readonly string[] = [
  'issuers:',
  `  measured: { issuer: ${MEASURED_ISSUER.issuer}, audiences: [${MEASURED_ISSUER.audience}], algorithms: [ES256], keys: [${JSON.stringify(MEASURED_ISSUER.jwk)}] }`,
  'admission:',
  '  - hosts: [bench.test]',
  '    tokens: [measured]',
  '    authorization:',
  '      rules:',
  '        - { effect: deny, claims: { tenant: red } }',
  '        - { effect: allow, paths: [/admin], claims: { roles: admin } }',
  '        - { effect: allow, claims: { tenant: blue, roles: reader } }',
]

/** In YAML. `ports`: of the endpoints. Each route leads to the one pool, and the last takes what is asked for. */
export function configurationOf(subject: SubjectName, ports: readonly number[]): string {
  const claims = subject === 'gateway-tokens'
  const regions = [
    ['aws-use1', 'aws', 'us-east-1'],
    ['gcp-euw1', 'gcp', 'europe-west1'],
    ['azure-sea', 'azure', 'southeastasia'],
  ]
  const endpoints = regions.map(
    ([id, cloud, region], index) => `      ${id}: { url: http://127.0.0.1:${ports[index]}, cloud: ${cloud}, region: ${region} }`,
  )
  const extra = Array.from(
    { length: (ROUTES[subject] ?? 1) - 1 },
    (_, index) => `  - { hosts: [bench.test], paths: [${extraPath(index)}], pool: bench }`,
  )
  return [
    'pools:',
    '  bench:',
    '    endpoints:',
    ...endpoints,
    'routes:',
    ...extra,
    `  - { hosts: [bench.test], ${claims ? 'claims: { tenant: blue }, ' : ''}pool: bench${subject === 'gateway-signing' ? ', identity: { token: true }' : ''} }`,
    ...(claims ? ADMISSION : []),
    'health:',
    '  vantages: [wnam, weur, apac]',
    '',
  ].join('\n')
}
