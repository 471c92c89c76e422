/** @file What is looked for on Linux before Dawn is loaded, which would print its own warnings. */
import { describe, expect, it } from "vitest";
import { missingVulkan } from "../../../src/runtimes/graphicsCard.js";

const loader = { "/usr/lib": ["libc.so.6", "libvulkan.so.1"] };
const missing = (files: Readonly<Record<string, readonly string[]>>, env: Readonly<Record<string, string>> = {}) => missingVulkan({ HOME: "/home/me", ...env }, (folder) => files[folder] ?? []);

describe("Vulkan", () => {
  it("lacks its loader, or any driver's manifest, by one sentence each", () => {
    expect(missing({})).toMatch(/^Vulkan's loader, libvulkan\.so\.1, is not on this machine/);
    expect(missing(loader)).toBe("Vulkan knows no driver of a graphics card on this machine");
    expect(missing({ ...loader, "/usr/share/vulkan/icd.d": ["README"] })).toBe("Vulkan knows no driver of a graphics card on this machine");
  });

  it.each(["/usr/share", "/etc", "/home/me/.local/share", "/run/opengl-driver/share"])("has a driver in %s", (place) => {
    expect(missing({ ...loader, [`${place}/vulkan/icd.d`]: ["nvidia_icd.json"] })).toBeUndefined();
  });

  it("has what the environment names", () => {
    expect(missing({ "/opt/lib": ["libvulkan.so.1"] }, { LD_LIBRARY_PATH: "/opt/lib", VK_DRIVER_FILES: "/opt/icd.json" })).toBeUndefined();
    expect(missing({ ...loader, "/data/vulkan/icd.d": ["card.json"] }, { XDG_DATA_DIRS: "/other:/data" })).toBeUndefined();
    expect(missing({ ...loader, "/home/me/.local/share/vulkan/icd.d": ["card.json"] }, { XDG_DATA_HOME: "/elsewhere" })).toBe("Vulkan knows no driver of a graphics card on this machine");
  });
});
