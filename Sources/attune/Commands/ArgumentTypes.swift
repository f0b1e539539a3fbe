public import ArgumentParser
public import Documents
public import Interchange
public import Logging

// Words of the command line for values that other modules own.
extension TimeUnit: ExpressibleByArgument {}
extension TextEncoding: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
