// The C++ API of liboriel_data.a: from a folder of pictures to a compiled model's inputs. It knows
// modules by what oriel/module_abi.h says of them, and needs neither compiler nor runtime.
//
//   ImageFolder pictures("cifar10-test", ImageTransform(signature), classNames);
//   for (const Batch &batch : DataLoader(pictures, {.batchSize = 20, .workers = 2}))
//     run(batch.inputs.data(), batch.labels);
//
// As in PyTorch: a Dataset has samples, a Sampler says in which order to take them, a collate
// function makes several a batch, and a DataLoader does that ahead of the loop, in threads. Each is
// a concept or a function type, so a caller's own takes its place.
//
// Failures are thrown: oriel::data::Error, with one line of text.

#ifndef ORIEL_DATA_H
#define ORIEL_DATA_H

#include "oriel/data/DataLoader.h"
#include "oriel/data/Dataset.h"
#include "oriel/data/Image.h"
#include "oriel/data/Sampler.h"
#include "oriel/data/Transform.h"

#endif // ORIEL_DATA_H
