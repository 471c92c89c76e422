/** @file What an exported file is called. */

/** "pug.grad-cam.png" for "pug.jpg", without characters that a file's name may not have. */
export function suggestedName(imageName: string, method: string, extension: string): string {
  return `${imageName.replace(/\.[^.]*$/, "")}.${method}.${extension}`.replace(/[\\/:*?"<>|]/g, "_");
}
