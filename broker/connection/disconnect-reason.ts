/** Why Aedes ends a connection by itself, by the beginning of its error's message. */
const reasons: readonly (readonly [message: string, what: string])[] = [
  ['connect did not arrive', 'connect-timeout'],
  ['keep alive timeout', 'silence'],
  ['drain timeout', 'slow-consumer'],
  ['maxInflightInbound exceeded', 'inflight'],
  ['Client queue limit', 'protocol'],
]

/** Which limit a client ran into when Aedes ended its connection with this error; undefined when it was none. */
export function disconnectReason(error: Error): string | undefined {
  return reasons.find(([message]) => error.message.startsWith(message))?.[1]
}
