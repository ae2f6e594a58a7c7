import { createHash, createHmac } from 'node:crypto'
import * as openid from 'openid-client'
import { z } from 'zod'
import { personNameSchema } from '#telemetry/accounts.ts'
import { minuteMs } from '#telemetry/durations.ts'
import type { PersonRole } from '#telemetry/people.ts'
import { same } from '../people/secrets.ts'

/** An OpenID provider, and what its words mean here. */
export interface OpenIdOptions {
  /** its address, https, or http on this machine */
  issuer: string
  clientId: string
  clientSecret: string
  scope: string
  /** claim that holds what a person may be: a word or a list of words */
  roleClaim: string
  /** which word of that claim makes which role */
  roles: Readonly<Partial<Record<PersonRole, string>>>
}

/** ms somebody has to sign in at the provider */
const patienceMs = 10 * minuteMs

/** ms the provider has to answer */
const timeoutS = 10

/** who may most comes first: the first role that fits is taken */
const byPower: readonly PersonRole[] = ['admin', 'engineer', 'operator', 'planner', 'viewer']

const attemptSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), until: z.number() })
type Attempt = z.infer<typeof attemptSchema>

/** Somebody for whom the provider vouches. */
export interface Vouched {
  /** id of their account: the same for the same person of the same provider */
  id: string
  name: string
  /** absent: the provider gives them no role here */
  role: PersonRole | undefined
}

/** A name as ours may be, from what the provider calls somebody. */
function nameOf(claims: Readonly<Record<string, unknown>>): string {
  for (const claim of ['preferred_username', 'email', 'name', 'sub']) {
    const text = String(claims[claim] ?? '')
      .replace(/[^\p{L}\p{M}\p{N} ._@-]/gu, '-')
      .slice(0, 64)
    const { data } = personNameSchema.safeParse(text)
    if (data !== undefined) return data
  }
  return 'openid'
}

/**
 * Sign-in at an OpenID provider by authorization code with PKCE. What an attempt must remember is in a signed cookie of the
 * browser that makes it, so that any process of the api can finish it.
 */
export class OpenId {
  readonly #options: OpenIdOptions
  readonly #key: Buffer
  readonly #clock: () => number
  #discovery: Promise<openid.Configuration> | undefined

  constructor(options: OpenIdOptions, secret: string, clock: () => number) {
    this.#options = options
    this.#key = createHmac('sha256', secret).update('nhip openid attempt v1').digest()
    this.#clock = clock
  }

  /** Where to send the browser, and the cookie to give it. Rejects when the provider does not answer. */
  async begin(redirectUri: string): Promise<{ url: string; cookie: string; maxAgeS: number }> {
    const provider = await this.#provider()
    const verifier = openid.randomPKCECodeVerifier()
    const [state, nonce, until] = [openid.randomState(), openid.randomNonce(), this.#clock() + patienceMs]
    const url = openid.buildAuthorizationUrl(provider, {
      ...{ redirect_uri: redirectUri, scope: this.#options.scope, state, nonce },
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const attempt: Attempt = { state, nonce, verifier, until }
    const text = Buffer.from(JSON.stringify(attempt)).toString('base64url')
    return { url: url.href, cookie: `${text}.${this.#sign(text)}`, maxAgeS: patienceMs / 1_000 }
  }

  /** Who came back from the provider. Rejects when the answer is not to this browser's attempt, or the provider says no. */
  async finish(answer: URL, cookie: string): Promise<Vouched> {
    const attempt = this.#attempt(cookie)
    if (!attempt) throw new Error('the attempt to sign in is over, or not of this browser')
    const provider = await this.#provider()
    const tokens = await openid.authorizationCodeGrant(provider, answer, {
      ...{ pkceCodeVerifier: attempt.verifier, expectedState: attempt.state, expectedNonce: attempt.nonce },
      idTokenExpected: true,
    })
    const proved = tokens.claims()
    if (!proved) throw new Error('the provider gave no id token')
    // many providers give groups and names only there
    const userInfo = provider.serverMetadata().userinfo_endpoint
      ? await openid.fetchUserInfo(provider, tokens.access_token, proved.sub)
      : {}
    const claims: Record<string, unknown> = { ...userInfo, ...proved }
    const id = createHash('sha256').update(`${proved.iss}\n${proved.sub}`).digest('hex').slice(0, 24)
    return { id: `o${id}`, name: nameOf(claims), role: this.#roleOf(claims[this.#options.roleClaim]) }
  }

  #roleOf(claim: unknown): PersonRole | undefined {
    const words = [claim].flat().filter((word) => typeof word === 'string')
    return byPower.find((role) => words.includes(this.#options.roles[role] ?? role))
  }

  /** Learns the provider's addresses and keys; a failure is tried again at the next attempt. */
  #provider(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.#options
    const onThisMachine = issuer.startsWith('http:')
    this.#discovery ??= openid
      .discovery(new URL(issuer), clientId, clientSecret, undefined, {
        timeout: timeoutS,
        ...(onThisMachine ? { execute: [openid.allowInsecureRequests] } : {}),
      })
      .catch((error: unknown) => {
        this.#discovery = undefined
        throw error
      })
    return this.#discovery
  }

  #attempt(cookie: string): Attempt | undefined {
    const [text = '', signature = '', more] = cookie.split('.')
    if (more !== undefined || !same(signature, this.#sign(text))) return undefined
    const attempt = attemptSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    return attempt.until > this.#clock() ? attempt : undefined
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}
