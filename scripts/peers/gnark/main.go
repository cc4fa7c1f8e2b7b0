// Command gnark proves a circom circuit with gnark's Groth16 over BN254, as a peer of scripts/bench.
//
//	gnark [-runs N] circuit.r1cs witness.wtns     N proofs after one that does not count, then one JSON object
//	gnark -turns circuit.r1cs witness.wtns        one JSON object when ready, then one a line of standard input
//
// The key is made once, from fresh randomness, and stays in memory. The last proof is verified. The cores used are
// those that the process may run on, or $GOMAXPROCS.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/logger"
)

type prover struct {
	circuit system
	key     groth16.ProvingKey
	check   groth16.VerifyingKey
	full    witness.Witness
	last    groth16.Proof
}

func newProver(r1cs, wtns string) (*prover, error) {
	values, err := readWitness(wtns)
	if err != nil {
		return nil, err
	}
	circuit, err := readSystem(r1cs, len(values))
	if err != nil {
		return nil, err
	}
	full, err := fullWitness(values[1:], circuit.public)
	if err != nil {
		return nil, err
	}
	key, check, err := groth16.Setup(circuit.R1CS)
	return &prover{circuit: circuit, key: key, check: check, full: full}, err
}

func fullWitness(values []fr.Element, public int) (witness.Witness, error) {
	full, err := witness.New(ecc.BN254.ScalarField())
	if err != nil {
		return nil, err
	}
	feed := make(chan any)
	go func() {
		defer close(feed)
		for _, value := range values {
			feed <- value
		}
	}()
	return full, full.Fill(public, len(values)-public, feed)
}

// prove returns the milliseconds of one proof.
func (p *prover) prove() (float64, error) {
	start := time.Now()
	proof, err := groth16.Prove(p.circuit.R1CS, p.key, p.full)
	if err != nil {
		return 0, errors.New("the witness does not satisfy the circuit") // gnark's own words hold its values
	}
	p.last = proof
	return milliseconds(start), nil
}

func (p *prover) verify() error {
	public, err := p.full.Public()
	if err != nil {
		return err
	}
	return groth16.Verify(p.last, p.check, public)
}

func milliseconds(start time.Time) float64 {
	return float64(time.Since(start).Microseconds()) / 1e3
}

func run(r1cs, wtns string, runs int, turns bool) error {
	out := json.NewEncoder(os.Stdout)
	start := time.Now()
	p, err := newProver(r1cs, wtns)
	if err != nil {
		return err
	}
	about := map[string]any{
		"constraints": p.circuit.GetNbConstraints(),
		"cores":       runtime.GOMAXPROCS(0),
		"ready_ms":    milliseconds(start),
	}
	if turns {
		if err := out.Encode(about); err != nil {
			return err
		}
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			ms, err := p.prove()
			if err != nil {
				return err
			}
			if err := out.Encode(map[string]any{"ms": ms}); err != nil {
				return err
			}
		}
		if p.last == nil {
			return nil
		}
		return p.verify()
	}
	times := make([]float64, 0, max(runs, 0))
	for k := 0; k <= runs; k++ {
		ms, err := p.prove()
		if err != nil {
			return err
		}
		if k > 0 {
			times = append(times, ms)
		}
	}
	about["ms"] = times
	if err := p.verify(); err != nil {
		return err
	}
	about["verified"] = true
	return out.Encode(about)
}

func main() {
	runs := flag.Int("runs", 10, "proofs that count")
	turns := flag.Bool("turns", false, "prove once for each line of standard input")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: gnark [-runs N | -turns] circuit.r1cs witness.wtns")
		os.Exit(2)
	}
	logger.Disable()
	if err := run(flag.Arg(0), flag.Arg(1), *runs, *turns); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
