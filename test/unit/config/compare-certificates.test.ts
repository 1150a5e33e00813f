/** Client certificates that endpoints name against the bindings of both Workers. */
import { expect, test } from 'vitest'
import { compareCertificates } from '../../../cli/compare-certificates.ts'
import { loadText } from '../../../cli/load-gateway.ts'

const loaded = loadText(
  `pools:
  shop:
    endpoints:
      a: { url: https://a.example.com, cloud: aws, region: us-east-1, clientCertificate: ONE }
      b: { url: https://b.example.com, cloud: aws, region: us-west-2, clientCertificate: ONE }
      c: { url: https://c.example.com, cloud: gcp, region: europe-west1, clientCertificate: TWO }
routes:
  - { hosts: [shop.example.com], pool: shop }
`,
  'f',
  { local: false },
)
const binding = (name: string) => `[[mtls_certificates]]\nbinding = "${name}"\ncertificate_id = "x"\n`
const compare = (gateway: string, control: string) => {
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.defects))
  return compareCertificates('f', loaded, [
    { file: 'wrangler.toml', text: gateway },
    { file: 'control.toml', text: control },
  ]).map(({ line, path, expected, found }) => `${line} ${path.join('.')}: ${expected}, found ${found}`)
}

test.each([
  ['both bind all', binding('ONE') + binding('TWO'), binding('TWO') + binding('ONE'), []],
  [
    'neither binds any',
    '',
    'mtls_certificates = 5',
    [
      '4 pools.shop.endpoints.a.clientCertificate: a binding of wrangler.toml, found ONE',
      '6 pools.shop.endpoints.c.clientCertificate: a binding of wrangler.toml, found TWO',
      '4 pools.shop.endpoints.a.clientCertificate: a binding of control.toml, found ONE',
      '6 pools.shop.endpoints.c.clientCertificate: a binding of control.toml, found TWO',
    ],
  ],
  [
    'the control Worker lacks one',
    binding('ONE') + binding('TWO'),
    binding('TWO'),
    ['4 pools.shop.endpoints.a.clientCertificate: a binding of control.toml, found ONE'],
  ],
  ['no TOML is refused elsewhere', '[', binding('ONE') + binding('TWO'), []],
])('%s', (_, gateway, control, says) => expect(compare(gateway, control)).toEqual(says))
