/** The library that verifies signatures and validates paths: PKI.js on the platform's own cryptography. Certificates cross over as DER. */
import { CertificateChainValidationEngine, CryptoEngine, Certificate as EngineCertificate, type ICryptoEngine } from 'pkijs'
import type { Instant } from '../../../config/units.ts'
import type { Certificate } from '../certificate/parse-certificate.ts'
import type { Path } from './check-path.ts'

/** The types of the platform know one function more than those of the library. */
const platform = new CryptoEngine({ name: 'platform', crypto }) as unknown as ICryptoEngine

export class Engine {
  /** The library takes a millisecond to read a certificate: once each, and trusted authorities once an isolate. */
  readonly #read = new WeakMap<Certificate, EngineCertificate>()

  /** Whether a certificate is signed with the key of another. */
  async isSignedBy(certificate: Certificate, issuer: Certificate): Promise<boolean> {
    try {
      return await this.#of(certificate).verify(this.#of(issuer), platform)
    } catch {
      // A key or an algorithm that the library cannot read is no proof.
      return false
    }
  }

  /** Why the library refuses a path whose signatures are good; undefined when it does not. */
  async refusalOf(path: Path, now: Instant): Promise<string | undefined> {
    try {
      const certificates = path.map((certificate) => this.#of(certificate))
      const validation = new CertificateChainValidationEngine({
        trustedCerts: certificates.slice(-1),
        // The last is the one that is asked about.
        certs: certificates.slice(0, -1).reverse(),
        checkDate: new Date(now),
        // The path is found already: left to itself the library tries every order of certificates that bear one name.
        findIssuer: async (certificate) => certificates.slice(certificates.indexOf(certificate) + 1).slice(0, 1),
      })
      const { result, resultMessage } = await validation.verify({}, platform)
      return result ? undefined : `path validation: ${resultMessage || 'refused'}`
    } catch (error) {
      return `path validation: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  #of(certificate: Certificate): EngineCertificate {
    const known = this.#read.get(certificate)
    if (known !== undefined) return known
    const read = EngineCertificate.fromBER(Uint8Array.from(certificate.der).buffer)
    this.#read.set(certificate, read)
    return read
  }
}
