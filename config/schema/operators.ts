/** The `operators` of a gateway configuration: where their API answers, and to whom. */
import { readHost } from '../addresses.ts'
import { fields, list, readText } from '../fields.ts'
import { reference, word } from './names.ts'

const SCOPES = 'as its scope, in `scope` (a text) or `scp` (a list or a text)'

const scope = (usual: string, what: string, example: string) =>
  word('a scope', 256)
    .prefault(usual)
    .meta({ description: `What a token must grant to ${what}, ${SCOPES}.`, example })

const readAndWrite = (noun: string, read: string, write: string) =>
  fields(noun, {
    read: scope(`${noun}:read`, read, `meridian:${noun}`),
    write: scope(`${noun}:write`, write, `meridian:${noun}:change`),
  }).prefault({})

const scopes = fields('scopes', {
  status: scope('status:read', 'read the status', 'meridian:status'),
  explain: scope('explain', 'have a request explained', 'meridian:explain'),
  plan: scope('plan:read', 'read the configuration that is deployed, without the values of headers', 'meridian:plan'),
  drift: scope('drift:read', "read what is not the bundle's", 'meridian:drift'),
  audit: scope('audit:read', 'read who has changed what', 'meridian:audit'),
  weights: readAndWrite('weights', 'read weights', 'change weights').meta({ description: 'Of the weights of endpoints.' }),
  drains: readAndWrite('drains', 'read drains', 'drain and undrain').meta({ description: 'Of drains.' }),
  releases: readAndWrite('releases', 'read how releases stand', 'move releases').meta({ description: 'Of releases.' }),
  revisions: readAndWrite('revisions', 'read former revisions', 'revert to a former revision, whatever it changes').meta({
    description: 'Of revisions.',
  }),
})

/** A name, or an address of this machine: the API is somewhere, and not everywhere below it. */
const host = readText('a host such as ops.example.com', (raw) =>
  raw.includes('*') ? { expected: 'a host such as ops.example.com, without a wildcard' } : readHost(raw),
)

export const operatorsSchema = fields("the operators' API", {
  hosts: list(host, 'hosts', 0, 16)
    .prefault([])
    .meta({
      description:
        'Where the API answers, and nowhere else. Such a host needs no route; what else is asked of it is answered 421. An empty list: on every host that the gateway serves.',
      danger: 'On the hosts of everybody, everybody can try.',
      example: ['ops.example.com'],
    }),
  issuers: list(reference('an issuer'), 'names of issuers', 0, 8)
    .prefault([])
    .meta({
      description: 'Issuers whose tokens open the API, beside the secret `OPERATOR_TOKEN`. They come as Bearer in `authorization` alone.',
      limits: 'issuers of operators alone: no admission names them. The same identity provider is a second issuer with another audience.',
      example: ['staff'],
    }),
  scopes: scopes.prefault({}).meta({ description: 'What a token must grant for each noun, and to change it. The secret grants all.' }),
})
