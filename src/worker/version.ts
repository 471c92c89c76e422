/** @file The product's version, which the build writes in. */

declare const WHYLIGHT_VERSION: string;

/** "0.1.0", or "development" where the code runs unbuilt. */
export const version: string = typeof WHYLIGHT_VERSION === "string" ? WHYLIGHT_VERSION : "development";
