// Written anew by the build.
export const version = "development";
export const commit = "local";
