/** The time, passed in so that tests and the simulated cluster decide it. */
export interface Clock {
  now(): Date;
}
