// XGBoost's C library (Debian package libxgboost-dev, 1.7).
#include <xgboost/c_api.h>
