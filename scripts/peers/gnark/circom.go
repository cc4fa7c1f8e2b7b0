package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"os"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
)

const elementBytes = fr.Bytes

// cursor reads the little-endian fields of circom's files. After the end every read gives zero and `short` stays set.
type cursor struct {
	data  []byte
	short bool
}

func (c *cursor) take(count uint64) []byte {
	if count > uint64(len(c.data)) {
		c.short, c.data = true, nil
		return nil
	}
	taken := c.data[:count]
	c.data = c.data[count:]
	return taken
}

func (c *cursor) u32() uint32 {
	if bytes := c.take(4); bytes != nil {
		return binary.LittleEndian.Uint32(bytes)
	}
	return 0
}

func (c *cursor) u64() uint64 {
	if bytes := c.take(8); bytes != nil {
		return binary.LittleEndian.Uint64(bytes)
	}
	return 0
}

func (c *cursor) element() (value fr.Element, err error) {
	bytes := c.take(elementBytes)
	if bytes == nil {
		return value, errors.New("the file ends early")
	}
	return fr.LittleEndian.Element((*[elementBytes]byte)(bytes))
}

// sections splits a file of circom's container format into the sections of its types.
func sections(path, magic string) (map[uint32]*cursor, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file := &cursor{data: data}
	if string(file.take(4)) != magic {
		return nil, fmt.Errorf("%s is no .%s file", path, magic)
	}
	file.u32() // version
	found := map[uint32]*cursor{}
	for count := file.u32(); count > 0 && !file.short; count-- {
		kind, size := file.u32(), file.u64()
		found[kind] = &cursor{data: file.take(size)}
	}
	if file.short || found[1] == nil || found[2] == nil {
		return nil, fmt.Errorf("%s is cut short or lacks a section", path)
	}
	return found, nil
}

func checkField(header *cursor, path string) error {
	size := header.u32()
	prime := header.take(uint64(size))
	reversed := make([]byte, len(prime))
	for i, b := range prime {
		reversed[len(prime)-1-i] = b
	}
	if size != elementBytes || new(big.Int).SetBytes(reversed).Cmp(fr.Modulus()) != 0 {
		return fmt.Errorf("%s is not over the scalar field of BN254", path)
	}
	return nil
}

// system is a circom circuit as gnark's constraint system, in which every wire is an input: outputs and public inputs
// are public, all others secret, so that wire k of the one is wire k of the other.
type system struct {
	*cs.R1CS
	public, wires int
}

// readSystem reads the circuit of a witness with so many values.
func readSystem(path string, values int) (system, error) {
	parts, err := sections(path, "r1cs")
	if err != nil {
		return system{}, err
	}
	header, rows := parts[1], parts[2]
	if err := checkField(header, path); err != nil {
		return system{}, err
	}
	wires, outputs, inputs := header.u32(), header.u32(), header.u32()
	header.u32() // private inputs
	header.u64() // labels
	count := header.u32()
	public := uint64(outputs) + uint64(inputs)
	if int(wires) != values {
		return system{}, fmt.Errorf("%s has %d wires, the witness %d values", path, wires, values)
	}
	if header.short || uint64(wires) < public+1 || uint64(count) > uint64(len(rows.data))/12 {
		return system{}, fmt.Errorf("%s has counts that cannot be", path)
	}
	out := system{cs.NewR1CS(int(count)), int(public), int(wires)}
	for wire := uint32(0); wire < wires; wire++ {
		if uint64(wire) <= public {
			out.AddPublicVariable(fmt.Sprint("w", wire)) // wire 0 is the constant 1 in both
		} else {
			out.AddSecretVariable(fmt.Sprint("w", wire))
		}
	}
	blueprint := out.AddBlueprint(&constraint.BlueprintGenericR1C{})
	for row := uint32(0); row < count; row++ {
		var sides [3]constraint.LinearExpression
		for side := range sides {
			if sides[side], err = out.combination(rows); err != nil {
				return system{}, fmt.Errorf("%s, row %d: %w", path, row, err)
			}
		}
		out.AddR1C(constraint.R1C{L: sides[0], R: sides[1], O: sides[2]}, blueprint)
	}
	return out, nil
}

func (s system) combination(rows *cursor) (constraint.LinearExpression, error) {
	count := rows.u32()
	if uint64(count) > uint64(len(rows.data))/(4+elementBytes) {
		return nil, errors.New("the file ends early")
	}
	terms := make(constraint.LinearExpression, 0, count)
	for ; count > 0; count-- {
		wire := rows.u32()
		value, err := rows.element()
		if err != nil {
			return nil, err
		}
		if int(wire) >= s.wires {
			return nil, fmt.Errorf("there is no wire %d", wire)
		}
		var coefficient constraint.U64
		copy(coefficient[:], value[:])
		terms = append(terms, s.MakeTerm(coefficient, int(wire)))
	}
	return terms, nil
}

// readWitness returns the value of each wire.
func readWitness(path string) ([]fr.Element, error) {
	parts, err := sections(path, "wtns")
	if err != nil {
		return nil, err
	}
	if err := checkField(parts[1], path); err != nil {
		return nil, err
	}
	count := parts[1].u32()
	if uint64(count)*elementBytes != uint64(len(parts[2].data)) {
		return nil, fmt.Errorf("%s does not hold as many values as it says", path)
	}
	values := make([]fr.Element, count)
	for k := range values {
		if values[k], err = parts[2].element(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return values, nil
}
