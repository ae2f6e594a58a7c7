/**
 * ms that servers of tests keep a connection without traffic, as InfluxDB 2.x does. Node's 5 s are over now and then just as the next
 * request is on its way, which then ends with ECONNRESET.
 */
export const keepAliveTimeout = 180_000
