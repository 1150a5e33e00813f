/** The `operators` of a gateway configuration: where their API answers, and to whom. */
import { readHost } from '../addresses.ts'
import { fields, list, readText } from '../fields.ts'
import { reference, word } from './names.ts'

const SCOPES = 'as its scope, in `scope` (a text) or `scp` (a list or a text)'

const scopes = fields('scopes', {
  status: word('a scope', 256)
    .prefault('status:read')
    .meta({ description: `What a token must grant to read the status, ${SCOPES}.`, example: 'meridian:status' }),
  explain: word('a scope', 256)
    .prefault('explain')
    .meta({ description: `What a token must grant to have a request explained, ${SCOPES}.`, example: 'meridian:explain' }),
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
  scopes: scopes.prefault({}).meta({ description: 'What a token must grant for each noun. The secret grants all.' }),
})
