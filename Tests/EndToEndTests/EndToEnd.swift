import Testing

/// Real servers in processes of their own, asked by real clients. One after the other: each wants the machine for itself.
@Suite(.serialized, .timeLimit(.minutes(15))) struct EndToEnd {}
