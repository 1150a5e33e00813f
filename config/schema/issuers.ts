/** The `issuers` of a gateway configuration: whose tokens count, and what they must say. */
import { fields, list, named } from '../fields.ts'
import { word } from './names.ts'

const issuer = fields('an issuer', {
  issuer: word('the issuer, as its tokens say it in `iss`', 1024).meta({
    description: 'What its tokens say in `iss`, compared whole (RFC 7519 section 4.1.1).',
    example: 'https://id.example.com',
  }),
  audiences: list(word('an audience', 1024), 'audiences', 1, 32).meta({
    description: 'One of them must be among what a token says in `aud`: for whom it was made.',
    danger: 'A token that was made for somebody else and counts here is how one service passes itself off as the client of another.',
    example: ['shop'],
  }),
})

export const issuersSchema = named(issuer, 'the name of an issuer', 'issuers', [0, 64])
