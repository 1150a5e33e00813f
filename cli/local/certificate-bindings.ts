/**
 * What `[[mtls_certificates]]` is on Cloudflare, for `wrangler dev`, which has no local form of it: bindings whose requests present a client
 * certificate in the TLS handshake, made by the runtime itself. A plug-in of miniflare, loaded in wrangler's process; every binding presents
 * the certificate of the local gateway.
 */
import { localCertificates } from './certificates.ts'

/** As wrangler is told to find it. */
export const PLUGIN = 'meridian-client-certificates'
/** The one that miniflare calls the bindings of this plug-in by: none of wrangler's own. */
const TYPE = 'meridian_client_certificate'

interface Options {
  /** Where the certificates are kept. */
  readonly folder: string
}

interface Worker {
  readonly config: {
    readonly env?: Readonly<Record<string, { readonly dev?: { readonly plugin?: { readonly name: string }; readonly options?: Options } }>>
  }
}

/** The lines of a wrangler.toml that bind these names. */
export function bindingLines(names: readonly string[], folder: string): string {
  const plugin = `{ package = ${JSON.stringify(import.meta.filename)}, name = ${JSON.stringify(PLUGIN)} }`
  return names
    .map(
      (name) =>
        `[[unsafe.bindings]]\nname = ${JSON.stringify(name)}\ntype = "${TYPE}"\ndev = { plugin = ${plugin}, options = { folder = ${JSON.stringify(folder)} } }\n`,
    )
    .join('')
}

const ours = ({ config }: Worker): readonly { readonly name: string; readonly folder: string }[] =>
  Object.entries(config.env ?? {}).flatMap(([name, { dev }]) =>
    dev?.plugin?.name === PLUGIN && dev.options !== undefined ? [{ name, folder: dev.options.folder }] : [],
  )

const serviceOf = (name: string): string => `${PLUGIN}:${name}`

export const plugins = {
  [PLUGIN]: {
    getBindings: (worker: Worker) => ours(worker).map(({ name }) => ({ name, service: { name: serviceOf(name) } })),
    getNodeBindings: () => ({}),
    getServices: ({ options }: { readonly options: Worker }) => Promise.all(ours(options).map(serviceFor)),
  },
}

/** A network of workerd that presents the certificate to whoever asks for one. */
async function serviceFor({ name, folder }: { readonly name: string; readonly folder: string }) {
  const { gatewayKey, gatewayCertificate, authority } = await localCertificates(folder)
  const tlsOptions = {
    trustBrowserCas: true,
    trustedCertificates: [authority],
    keypair: { privateKey: gatewayKey, certificateChain: gatewayCertificate },
  }
  return { name: serviceOf(name), network: { allow: ['public', 'private'], deny: [], tlsOptions } }
}
