/** @file Names that have no place in a model: what reaches the system, or makes code out of data. The reader calls nothing either way; the list is for saying how bad a file is. */

/** Modules through which a program reaches files, processes, the network or the interpreter itself. */
const modules = new Set([
  "os", "posix", "posixpath", "nt", "ntpath", "sys", "subprocess", "shutil", "pty", "platform", "commands", "popen2", "signal", "ctypes", "_ctypes", "cffi", "mmap",
  "socket", "ssl", "http", "urllib", "urllib2", "httplib", "requests", "aiohttp", "httpx", "ftplib", "smtplib", "telnetlib", "xmlrpc", "webbrowser", "paramiko", "asyncio", "multiprocessing", "threading", "_thread",
  "importlib", "imp", "pkgutil", "runpy", "zipimport", "code", "codeop", "inspect", "types", "marshal", "pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "pip", "venv", "ensurepip", "distutils", "setuptools",
  "pdb", "bdb", "profile", "cProfile", "timeit", "trace", "doctest", "idlelib", "lib2to3", "operator", "_operator", "tempfile", "fileinput", "linecache", "io", "_io", "atexit", "sqlite3", "tarfile", "zipfile",
]);
/** These are reachable through other modules too, as "torch.serialization.os.system" is. */
const anywhere = new Set(["os", "posix", "nt", "sys", "subprocess", "shutil", "socket", "ctypes", "importlib", "builtins", "__builtins__", "pickle", "__globals__", "__subclasses__", "__import__", "runpy", "pty"]);
const builtins = new Set(["eval", "exec", "execfile", "compile", "__import__", "open", "file", "getattr", "setattr", "delattr", "globals", "locals", "vars", "dir", "input", "raw_input", "apply", "map", "filter", "reload", "breakpoint", "help", "exit", "quit", "type", "super", "memoryview"]);
const others = new Set(["torch.load", "torch.jit.load", "torch.hub.load", "torch.serialization.load", "numpy.load", "numpy.f2py", "numpy.testing", "pandas.read_pickle", "pandas.eval", "torch.compile", "copyreg.add_extension", "site.addsitedir"]);
const beginnings = ["torch.hub.", "torch.utils.cpp_extension.", "torch.utils.bottleneck", "torch.utils.collect_env", "torch._inductor.", "torch._dynamo.guards.", "torch.fx.", "numpy.f2py.", "numpy.testing.", "numpy.distutils."];

/** Whether what a full name ("posix.system") stands for could do harm when called. */
export function isHarmful(name: string): boolean {
  const parts = name.split(".");
  if (parts[0] === "builtins") return parts.length > 2 || builtins.has(parts[1] ?? "");
  return modules.has(parts[0]!) || parts.slice(1).some((part) => anywhere.has(part)) || others.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
}
