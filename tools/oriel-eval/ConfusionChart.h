// The confusion matrix as a picture.

#ifndef ORIEL_TOOLS_ORIEL_EVAL_CONFUSIONCHART_H
#define ORIEL_TOOLS_ORIEL_EVAL_CONFUSIONCHART_H

#include "tools/oriel-eval/Evaluation.h"
#include "tools/support/Chart.h"

namespace oriel {

/// A row for each class, a column for each prediction; a cell is the darker, the larger its share
/// of the row's pictures. Counts and names are left out where cells are too small for them.
Chart drawConfusion(const Evaluation &evaluation, const std::vector<std::string> &classNames);

} // namespace oriel

#endif // ORIEL_TOOLS_ORIEL_EVAL_CONFUSIONCHART_H
