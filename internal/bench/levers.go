package main

// lever is one thing that makes the function faster or smaller, or that might, and what is measured with it the other way.
type lever struct {
	name        string
	taken       bool   // whether the function has it
	otherwise   string // what is measured
	patch       string // of the folder levers, to that end
	build       []string
	buildEnv    []string
	environment map[string]string
	collects    bool // whether it is about the garbage collector
}

// without returns the arguments of [release] with one exchanged for others.
func without(arg string, instead ...string) (args []string) {
	for _, a := range release {
		if a == arg {
			args = append(args, instead...)
		} else {
			args = append(args, a)
		}
	}
	return args
}

const (
	tags     = "-tags=lambda.norpc,nethttpomithttp2"
	stripped = "-ldflags=-s -w"
)

// levers are those of ../docs/performance.md, in its order.
var levers = []lever{
	{name: "a Query in init", taken: true, otherwise: "none", patch: "no-warm-up.patch"},
	{name: "SSL_CERT_DIR=/nonexistent", taken: true, otherwise: "not set", environment: map[string]string{"SSL_CERT_DIR": ""}},
	{name: "GOMAXPROCS=1", taken: true, otherwise: "not set", environment: map[string]string{"GOMAXPROCS": ""}},
	{name: "events read member by member", taken: true, otherwise: "aws-lambda-go's type by encoding/json", patch: "typed-event.patch"},
	{name: "requests to DynamoDB in one piece", taken: true, otherwise: "the SDK's body", patch: "sdk-body.patch"},
	{name: "texts quoted in runs", taken: true, otherwise: "jsontext.AppendQuote", patch: "jsontext-quote.patch"},
	{name: "one placeholder in the Query", taken: true, otherwise: "one for each attribute", patch: "placeholders.patch"},
	{name: "-tags nethttpomithttp2", taken: true, otherwise: "without", build: without(tags, "-tags=lambda.norpc")},
	{name: "-tags lambda.norpc", taken: true, otherwise: "without", build: without(tags, "-tags=nethttpomithttp2")},
	{name: "-ldflags='-s -w'", taken: true, otherwise: "without", build: without(stripped)},
	{name: "GOGC=400", otherwise: "set", environment: map[string]string{"GOGC": "400"}, collects: true},
	{name: "GOMEMLIMIT=10MiB, GOGC=off", otherwise: "set", environment: map[string]string{"GOGC": "off", "GOMEMLIMIT": "10MiB"}, collects: true},
	{name: "no inlining", otherwise: "-gcflags=all=-l", build: append([]string{"-gcflags=all=-l"}, release...)},
	{name: "GOAMD64=v3", otherwise: "set", buildEnv: []string{"GOAMD64=v3"}},
	{name: "GOEXPERIMENT=jsonv2", otherwise: "set", buildEnv: []string{"GOEXPERIMENT=jsonv2"}},
}

// pulled is what was measured with a lever the other way, and what it is compared with.
type pulled struct {
	lever
	figures
	warm, usual float64 // instructions of an invocation, with the lever the other way and as it is
}

// pull measures the function with each lever the other way. The garbage collector makes an invocation's instructions differ by some percent from run
// to run, which is more than most levers are worth; so it is off where a lever is not about it.
func (b *bench) pull(of subject, usual figures) (all []pulled, err error) {
	const few = 100
	off := map[string]string{"GOGC": "off"}
	quiet := b.orUnknown(b.count(of.with(off), world{devices, false}, few))
	for _, l := range levers {
		b.say("lever: %s", l.name)
		args := release
		if l.build != nil {
			args = l.build
		}
		s := of
		if l.patch != "" || l.build != nil || l.buildEnv != nil {
			if s, err = b.changed(of, "lever", l.patch, args, l.buildEnv...); err != nil {
				return nil, err
			}
		}
		s = s.with(l.environment)
		p := pulled{lever: l}
		if l.collects {
			p.warm, p.usual = b.orUnknown(b.count(s, world{devices, false}, many)).warm, usual.plain.warm
		} else {
			p.warm, p.usual = b.orUnknown(b.count(s.with(off), world{devices, false}, few)).warm, quiet.warm
		}
		p.tls = b.orUnknown(b.count(s, world{devices, true}, few))
		if err := b.run(&p.figures, s); err != nil {
			return nil, err
		}
		if err := sizeOf(&p.figures, s); err != nil {
			return nil, err
		}
		if p.slow, err = b.throttle(s, 1); err != nil {
			b.note(err)
		}
		all = append(all, p)
	}
	return all, nil
}
